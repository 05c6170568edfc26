// 网页授权 and 一次性订阅: who opens the page is told by the phone around it, or chosen here.

const byId = (id) => document.getElementById(id);
let openid = "";

function fail(text) {
  byId("failed").textContent = text;
  byId("failed").hidden = false;
}

async function answer(agrees) {
  byId("choice").hidden = true;
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(location.href, { method: "POST", headers, body: JSON.stringify({ openid, agrees }) });
  const body = await response.json();
  if (response.ok) location.replace(body.location);
  else fail(body.error);
}

function known(person) {
  openid = person;
  byId("people").hidden = true;
  if (byId("question").dataset.asks === "yes") {
    byId("choice").hidden = false;
    byId("agree").focus();
  } else answer(true);
}

if (byId("question")) {
  byId("agree").addEventListener("click", () => answer(true));
  byId("refuse").addEventListener("click", () => {
    if (location.pathname.endsWith("/subscribemsg")) answer(false);
    else {
      byId("choice").hidden = true;
      byId("question").textContent = "你没有允许，页面无法继续。";
    }
  });
  for (const button of document.querySelectorAll("[data-openid]")) {
    button.addEventListener("click", () => known(button.dataset.openid));
  }
  if (window.parent === window) byId("people").hidden = false;
  else {
    window.addEventListener("message", (event) => {
      if (event.origin === location.origin && event.source === window.parent && event.data?.sandboxPerson) {
        known(event.data.sandboxPerson);
      }
    });
    window.parent.postMessage({ sandboxAsks: "person" }, location.origin);
  }
}
