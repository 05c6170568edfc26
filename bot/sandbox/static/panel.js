// The panel: whose phone it is, switches for bad days, and what the product did wrong.

import { element } from "./chat.js";

const byId = (id) => document.getElementById(id);

export function drawPerson(person, people) {
  const options = people.map((each) => {
    const option = element("option", "", `${each.nickname}${each.followed ? "" : "（未关注）"}`);
    option.value = each.openid;
    option.selected = each.openid === person.openid;
    return option;
  });
  byId("person").replaceChildren(...options);
  byId("openid").textContent = person.openid;
  byId("toggle-follow").textContent = person.followed ? "取消关注" : "关注";
  byId("resend").disabled = !person.followed;
  byId("refuses").checked = person.refuses;
}

export function drawViolations(violations) {
  byId("violations").replaceChildren(...violations.map((text) => element("li", "", text)));
  byId("no-violations").hidden = violations.length > 0;
  byId("violation-count").textContent = String(violations.length);
  byId("violation-count").classList.toggle("some", violations.length > 0);
}

export function drawFaults(faults) {
  for (const box of document.querySelectorAll("[data-flag]")) box.checked = faults[box.dataset.flag];
}

function showPanel(shown) {
  byId("panel").classList.toggle("open", shown);
  byId("more").setAttribute("aria-expanded", String(shown));
  (shown ? byId("close-panel") : byId("more")).focus();
}

export function wirePanel({ onPerson, onAdd, onToggleFollow, onResend, onRefuse, onFault }) {
  byId("more").addEventListener("click", () => showPanel(true));
  byId("close-panel").addEventListener("click", () => showPanel(false));
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key === "Escape") showPanel(false);
  });
  byId("person").addEventListener("change", (event) => onPerson(event.target.value));
  byId("add-person").addEventListener("click", onAdd);
  byId("toggle-follow").addEventListener("click", onToggleFollow);
  byId("resend").addEventListener("click", onResend);
  byId("refuses").addEventListener("change", (event) => onRefuse(event.target.checked));
  for (const box of document.querySelectorAll("[data-flag]")) {
    box.addEventListener("change", () => onFault({ [box.dataset.flag]: box.checked }));
  }
  for (const button of document.querySelectorAll("[data-fault]")) {
    button.addEventListener("click", () => onFault(JSON.parse(button.dataset.fault), button.textContent));
  }
}
