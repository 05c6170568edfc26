// Several phones side by side: each is the phone's own page in a frame.

import { element } from "./chat.js";
import { listen, post, read } from "./link.js";

const base = document.body.dataset.base;
const byId = (id) => document.getElementById(id);
const frames = new Map();

function place(person) {
  const figure = element("figure");
  const frame = element("iframe");
  frame.src = `${base}?as=${encodeURIComponent(person.openid)}`;
  frame.title = `${person.nickname}的手机`;
  figure.append(element("figcaption", "", person.nickname), frame);
  byId("phones").append(figure);
  frames.set(person.openid, figure);
}

function remove(openid) {
  frames.get(openid)?.remove();
  frames.delete(openid);
}

function choice(person, shown) {
  const label = element("label");
  const box = element("input");
  box.type = "checkbox";
  box.checked = shown;
  box.addEventListener("change", () => (box.checked ? place(person) : remove(person.openid)));
  label.append(box, person.nickname);
  byId("people").append(label);
  if (shown) place(person);
}

const known = new Set();

async function refresh() {
  let { people } = await read("state");
  while (people.length < 2) {
    await post("people", {});
    ({ people } = await read("state"));
  }
  for (const person of people) {
    if (known.has(person.openid)) continue;
    choice(person, known.size < 3);
    known.add(person.openid);
  }
}

byId("add").addEventListener("click", async () => {
  const person = await post("people", {});
  if (known.has(person.openid)) return;
  known.add(person.openid);
  choice(person, true);
});
listen({}, refresh);
