// Pages inside the phone, as in WeChat's own browser: they can ask the phone who holds it.

const byId = (id) => document.getElementById(id);
let opener = null;

export function openPage(url) {
  opener = document.activeElement;
  byId("browser-title").textContent = new URL(url).host;
  byId("browser-out").href = url;
  byId("browser-frame").src = url;
  byId("browser").hidden = false;
  byId("browser-close").focus();
}

export function closePage() {
  if (byId("browser").hidden) return;
  byId("browser").hidden = true;
  byId("browser-frame").src = "about:blank";
  opener?.focus();
}

// Only WeChat's own pages, which come from here, are told whose phone it is; others learn it by OAuth.
export function wireBrowser(whoHoldsIt) {
  byId("browser-close").addEventListener("click", closePage);
  byId("browser").addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePage();
  });
  window.addEventListener("message", (event) => {
    const frame = byId("browser-frame").contentWindow;
    if (event.source !== frame || event.origin !== location.origin || event.data?.sandboxAsks !== "person") return;
    frame.postMessage({ sandboxPerson: whoHoldsIt() }, location.origin);
  });
}
