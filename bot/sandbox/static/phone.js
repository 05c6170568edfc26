// Puts the phone together: who holds it, what they do, what comes in.

import { ask, drawMenu, wireBar } from "./bar.js";
import { Chat } from "./chat.js";
import { act, listen, post, read } from "./link.js";
import { drawFaults, drawPerson, drawViolations, wirePanel } from "./panel.js";

const KEPT = "sandbox-openid";
const byId = (id) => document.getElementById(id);
const accountName = byId("title").textContent;
const chat = new Chat(byId("chat"), (id, text) => doAct("tap", { id, text }));
const people = new Map();
let me = null;
let violations = [];
let typing = 0;
let toasting = 0;

function toast(text) {
  byId("toast").textContent = text;
  byId("toast").hidden = false;
  clearTimeout(toasting);
  toasting = setTimeout(() => { byId("toast").hidden = true; }, 2600);
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return null;
  }
}

// The answer's entries come by the stream as well; whichever is first draws them.
async function doAct(name, body) {
  const outcome = await attempt(() => act(me.openid, name, body));
  return outcome !== null;
}

function showTyping(seconds) {
  clearTimeout(typing);
  byId("title").textContent = seconds > 0 ? "对方正在输入…" : accountName;
  if (seconds > 0) typing = setTimeout(() => showTyping(0), seconds * 1000);
}

function showPerson() {
  drawPerson(me, [...people.values()]);
  byId("profile").hidden = me.followed;
  byId("chat").hidden = byId("bar").hidden = !me.followed;
}

async function become(person) {
  me = person;
  people.set(me.openid, me);
  localStorage.setItem(KEPT, me.openid);
  chat.clear(me.nickname);
  showTyping(0);
  showPerson();
  await reread();
}

async function reread() {
  const openid = me.openid;
  const { entries } = await read(`people/${encodeURIComponent(openid)}/history`);
  if (openid === me.openid) entries.forEach((entry) => chat.add(entry));
}

async function refresh() {
  const state = await read("state");
  people.clear();
  for (const person of state.people) people.set(person.openid, person);
  violations = state.violations;
  drawViolations(violations);
  drawFaults(state.faults);
  drawMenu(state.menu, choose);
  const kept = localStorage.getItem(KEPT);
  const known = people.get(me?.openid ?? kept) ?? (kept ? undefined : state.people[0]);
  if (me && known) {
    me = known;
    showPerson();
    await reread();
    return;
  }
  await become(known ?? await post("people", { openid: kept ?? "" }));
}

function choose(button) {
  if (button.type === "view") {
    window.open(button.url, "_blank", "noopener,noreferrer");
    doAct("view", { url: button.url });
    return;
  }
  doAct("click", { key: button.key });
}

async function sendVoice() {
  const heard = await ask("识别出的话（可以留空）", "发送");
  if (heard !== null) await doAct("voice", { recognition: heard });
}

async function sendExtra(kind) {
  if (kind === "image") return doAct("image");
  if (kind === "location") return doAct("location", { latitude: 31.299, longitude: 120.585, label: "市民服务中心" });
  const scene = await ask("二维码的场景值", "扫码");
  return scene ? doAct("scan", { scene }) : false;
}

async function addPerson() {
  const nickname = await ask("新用户的昵称", "添加");
  if (nickname) await attempt(async () => become(await post("people", { nickname })));
}

wireBar({ onSay: (text) => doAct("say", { text }), onVoice: sendVoice, onExtra: sendExtra });
wirePanel({
  onPerson: (openid) => attempt(() => become(people.get(openid))),
  onAdd: addPerson,
  onToggleFollow: () => doAct(me.followed ? "unfollow" : "follow"),
  onResend: async () => { if (await doAct("resend")) toast("已重发"); },
  onRefuse: (refuses) => doAct("refuse", { refuses }),
  onFault: async (switches, label) => {
    if (await attempt(() => post("faults", switches)) && label) toast(`已设好。${label}`);
  },
});
byId("follow").addEventListener("click", () => doAct("follow"));
listen({
  entry: (entry) => {
    if (entry.openid !== me?.openid) return;
    if (entry.sender === "account") showTyping(0);
    chat.add(entry);
  },
  person: (person) => {
    people.set(person.openid, person);
    if (person.openid === me?.openid) me = person;
    if (me) showPerson();
  },
  typing: ({ openid, seconds }) => { if (openid === me?.openid) showTyping(seconds); },
  menu: ({ menu }) => drawMenu(menu, choose),
  violation: ({ text }) => { violations = [...violations, text]; drawViolations(violations); },
}, () => attempt(refresh));
