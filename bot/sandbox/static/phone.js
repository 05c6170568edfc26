// Puts the phone together: who holds it, what they do, what comes in.

import { ask, askNotices, drawMenu, wireBar } from "./bar.js";
import { closePage, openPage, wireBrowser } from "./browser.js";
import { Chat } from "./chat.js";
import { act, listen, post, read } from "./link.js";
import { drawAgents, drawPeople, drawQuota, drawViolations, wirePanel } from "./panel.js";
import { drawWeather, wireWeather } from "./weather.js";

const KEPT = "sandbox-openid";
const byId = (id) => document.getElementById(id);
const accountName = byId("title").textContent;
const chat = new Chat(byId("chat"), { onTap: (id, text) => doAct("tap", { id, text }), onOpen: openPage });
const people = new Map();
let me = null;
let world = null;
let violations = [];
let shownMenu = "";
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
  drawPeople(me, [...people.values()], (openid) => attempt(() => become(people.get(openid))));
  byId("profile").hidden = me.followed;
  byId("chat").hidden = byId("bar").hidden = !me.followed;
}

// Each tab has its own person, named in its address; the last one is kept for the next new tab.
async function become(person) {
  me = person;
  people.set(me.openid, me);
  history.replaceState(null, "", `?as=${encodeURIComponent(me.openid)}`);
  localStorage.setItem(KEPT, me.openid);
  chat.clear(me.nickname);
  closePage();
  showTyping(0);
  showPerson();
  await reread();
}

async function reread() {
  const openid = me.openid;
  const { entries } = await read(`people/${encodeURIComponent(openid)}/history`);
  if (openid !== me.openid) return;
  entries.forEach((entry) => chat.add(entry));
  await glance();
}

// What stands around the chat. The menu is drawn only when it has changed: somebody may have it open.
async function glance() {
  const openid = me.openid;
  const phone = await read(`people/${encodeURIComponent(openid)}`);
  if (openid !== me.openid) return;
  const menu = JSON.stringify(phone.menu);
  if (menu !== shownMenu) drawMenu(phone.menu, choose);
  shownMenu = menu;
  drawQuota(phone.quota);
  drawAgents(phone.agents, phone.agent, openid, attempt);
}

async function refresh() {
  world = await read("state");
  people.clear();
  for (const person of world.people) people.set(person.openid, person);
  violations = world.violations;
  drawViolations(violations);
  drawWeather(world.faults);
  byId("frozen").checked = world.frozen;
  const wanted = me?.openid ?? new URLSearchParams(location.search).get("as") ?? localStorage.getItem(KEPT);
  const known = people.get(wanted) ?? (wanted ? undefined : world.people[0]);
  if (me && known) {
    me = known;
    showPerson();
    await reread();
    return;
  }
  await become(known ?? await post("people", { openid: wanted ?? "" }));
}

async function choose(button) {
  if (button.type === "view") {
    openPage(button.url);
    doAct("view", { url: button.url });
  } else if (button.type === "miniprogram") {
    if (await doAct("mini_program", { path: button.pagepath })) toast("小程序打开了（沙箱里看不到）");
  } else if (button.type.startsWith("scancode")) {
    const result = await ask("扫到的内容", "确定");
    if (result) doAct("scan_by_menu", { type: button.type, key: button.key, result });
  } else if (button.type === "click") doAct("click", { key: button.key });
  else toast("这种按钮沙箱还不会按");
}

async function sendVoice() {
  const said = await ask("说了什么（微信不识别语音，服务只收到录音；这里的录音没有声音，文字写在里面）", "发送");
  if (said !== null) await doAct("voice", { said });
}

async function sendPicture(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8192) binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  await doAct("image", { data: btoa(binary), type: file.type });
}

async function scan() {
  world = await read("state");
  const scene = await ask("二维码的场景值", "扫码", world.codes);
  return scene ? doAct("scan", { scene }) : false;
}

async function subscribe() {
  world = await read("state");
  if (!world.subscriptions.length) return toast("这个账号没有订阅通知的模板");
  const answers = await askNotices(world.subscriptions);
  return answers && doAct("subscribe", { answers });
}

const EXTRAS = {
  image: () => byId("picture").click(),
  video: () => doAct("video"),
  location: async () => {
    const label = await ask("在哪里（微信随位置发来的地址）", "发送", [], "江苏省苏州市昆山市前进东路88号");
    if (label) await doAct("location", { latitude: 31.385, longitude: 120.981, label });
  },
  link: async () => {
    const url = await ask("网页的地址", "发送", [], "https://");
    if (url) await doAct("link", { url, title: url });
  },
  scan,
  subscribe,
  pay: async () => { if (await doAct("pay")) toast("已付款"); },
};

async function addPerson() {
  const nickname = await ask("新用户的昵称", "添加");
  if (nickname) await attempt(async () => become(await post("people", { nickname })));
}

wireBar({ onSay: (text) => doAct("say", { text }), onVoice: sendVoice, onExtra: (kind) => attempt(EXTRAS[kind]) });
wireBrowser(() => me.openid);
wireWeather(attempt);
wirePanel({
  onAdd: addPerson,
  onToggleFollow: () => doAct(me.followed ? "unfollow" : "follow"),
  onResend: async () => { if (await doAct("resend")) toast("已重发"); },
  onRefuse: (refuses) => doAct("refuse", { refuses }),
  onSnapshot: (snapshot) => doAct("snapshot", { snapshot }),
  onTokens: async (change, label) => { if (await attempt(() => post("tokens", change)) && label) toast(label); },
  onForget: () => attempt(() => post("violations/forget")),
  onAgent: (body) => doAct("agent", body),
});
byId("picture").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) await attempt(() => sendPicture(file));
  event.target.value = "";
});
byId("follow").addEventListener("click", () => doAct("follow"));
byId("follow-by-scan").addEventListener("click", () => attempt(scan));
listen({
  entry: (entry) => {
    if (entry.openid !== me?.openid) return;
    if (entry.sender === "account") showTyping(0);
    chat.add(entry);
    attempt(glance);
  },
  person: (person) => {
    people.set(person.openid, person);
    if (!me) return;
    if (person.openid === me.openid) {
      me = person;
      attempt(glance);
    }
    showPerson();
  },
  typing: ({ openid, seconds }) => { if (openid === me?.openid) showTyping(seconds); },
  menu: () => attempt(glance),
  violation: (violation) => { violations = [...violations, violation]; drawViolations(violations); },
  violations: () => { violations = []; drawViolations(violations); },
}, () => attempt(refresh));
