// The bar below the chat: the account's menu, the keyboard, voice and the extras.

import { element } from "./chat.js";

const byId = (id) => document.getElementById(id);

function closeSubs(menu) {
  for (const sub of menu.querySelectorAll(".sub")) sub.hidden = true;
  for (const button of menu.querySelectorAll("[aria-expanded]")) button.setAttribute("aria-expanded", "false");
}

function subMenu(menu, item, opener, onChoose) {
  const sub = element("div", "sub");
  sub.hidden = true;
  for (const button of item.sub_button) {
    const node = element("button", "", button.name);
    node.type = "button";
    node.addEventListener("click", () => {
      closeSubs(menu);
      opener.focus();
      onChoose(button);
    });
    sub.append(node);
  }
  opener.classList.add("opens");
  opener.setAttribute("aria-expanded", "false");
  opener.addEventListener("click", () => {
    const opens = sub.hidden;
    closeSubs(menu);
    sub.hidden = !opens;
    opener.setAttribute("aria-expanded", String(opens));
    if (opens) sub.firstElementChild.focus({ focusVisible: false });
  });
  return sub;
}

export function drawMenu({ button: items }, onChoose) {
  const menu = byId("menu");
  menu.replaceChildren();
  for (const item of items) {
    const box = element("div", "menu-item");
    const opener = element("button", "", item.name);
    opener.type = "button";
    box.append(opener);
    if (item.sub_button?.length) box.append(subMenu(menu, item, opener, onChoose));
    else opener.addEventListener("click", () => onChoose(item));
    menu.append(box);
  }
}

// Asks for one line, with choices to pick from; null when it is given up.
export function ask(label, okText, choices = [], value = "") {
  const dialog = byId("ask");
  byId("ask-label").textContent = label;
  byId("ask-ok").textContent = okText;
  byId("ask-value").value = value;
  byId("ask-choices").replaceChildren(...choices.map((choice) => Object.assign(element("option"), { value: choice })));
  byId("ask-value").removeAttribute("list");
  if (choices.length) byId("ask-value").setAttribute("list", "ask-choices");
  dialog.returnValue = "";
  dialog.showModal();
  byId("ask-value").focus();
  return new Promise((done) => {
    const finish = () => done(dialog.returnValue === "ok" ? byId("ask-value").value.trim() : null);
    dialog.addEventListener("close", finish, { once: true });
  });
}

// Which of these notices a person agrees to: {id: true or false}; null when the popup is closed.
export function askNotices(templates) {
  const dialog = byId("subscribe");
  const rows = templates.map(({ id, title }) => {
    const label = element("label", "switch");
    const box = Object.assign(element("input"), { type: "checkbox", checked: true, value: id });
    label.append(box, title);
    return label;
  });
  byId("subscribe-list").replaceChildren(...rows);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => {
    const finish = () => {
      const boxes = [...byId("subscribe-list").querySelectorAll("input")];
      done(dialog.returnValue === "ok" ? Object.fromEntries(boxes.map((box) => [box.value, box.checked])) : null);
    };
    dialog.addEventListener("close", finish, { once: true });
  });
}

function showKeyboard(shown) {
  byId("menu-bar").hidden = shown;
  byId("input-bar").hidden = !shown;
  showExtras(false);
  (shown ? byId("text") : byId("to-keyboard")).focus();
}

function showExtras(shown) {
  byId("extras").hidden = !shown;
  byId("plus").setAttribute("aria-expanded", String(shown));
}

function wireText(onSay) {
  const text = byId("text");
  const refresh = () => {
    byId("send").hidden = !text.value.trim();
    byId("plus").hidden = !byId("send").hidden;
  };
  text.addEventListener("input", refresh);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("input-bar").requestSubmit();
  });
  byId("input-bar").addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    refresh();
    text.focus();
    onSay(said);
  });
}

export function wireBar({ onSay, onVoice, onExtra }) {
  byId("ask-cancel").addEventListener("click", () => byId("ask").close());
  byId("subscribe-cancel").addEventListener("click", () => byId("subscribe").close());
  byId("to-keyboard").addEventListener("click", () => showKeyboard(true));
  byId("to-menu").addEventListener("click", () => showKeyboard(false));
  byId("voice").addEventListener("click", onVoice);
  byId("plus").addEventListener("click", () => showExtras(byId("extras").hidden));
  for (const button of document.querySelectorAll("[data-extra]")) {
    button.addEventListener("click", () => {
      showExtras(false);
      onExtra(button.dataset.extra);
    });
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".menu-item")) closeSubs(byId("menu"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeSubs(byId("menu"));
  });
  wireText(onSay);
}
