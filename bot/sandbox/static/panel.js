// The panel: whose phone it is, human agents, tokens, and what the product did wrong.

import { element } from "./dom.js";
import { act, post } from "./link.js";

const byId = (id) => document.getElementById(id);

function personRow(person, current, onPerson) {
  const row = element("li");
  const button = element("button", "", person.nickname);
  button.type = "button";
  if (current) button.setAttribute("aria-current", "true");
  button.append(element("span", "", person.followed ? "已关注" : "未关注"));
  button.addEventListener("click", () => onPerson(person.openid));
  const link = element("a", "", "新窗口");
  link.href = `${document.body.dataset.base}?as=${encodeURIComponent(person.openid)}`;
  link.target = "_blank";
  link.setAttribute("aria-label", `在新窗口打开${person.nickname}的手机`);
  row.append(button, link);
  return row;
}

export function drawPeople(me, people, onPerson) {
  byId("people").replaceChildren(...people.map((each) => personRow(each, each.openid === me.openid, onPerson)));
  byId("openid").textContent = me.openid;
  byId("toggle-follow").textContent = me.followed ? "取消关注" : "关注";
  byId("resend").disabled = !me.followed;
  byId("refuses").checked = me.refuses;
  byId("snapshot").checked = me.snapshot;
}

export function drawQuota({ left, seconds }) {
  const span = seconds >= 3600 ? `${Math.floor(seconds / 3600)} 小时` : `${Math.ceil(seconds / 60)} 分钟`;
  const count = left > 1000 ? "不限条数的" : `${left} 条`;
  byId("quota").textContent = left > 0 ? `${span}内还可以给这一位发 ${count}客服消息。` : "现在不能给这一位发客服消息。";
}

export function drawAgents(agents, agent, openid, attempt) {
  byId("desk").hidden = !agents.length;
  byId("agent-form").hidden = !agent;
  byId("with-agent").hidden = !agent;
  byId("with-agent").textContent = agent ? `正在和客服${agent.nickname}对话` : "";
  const rows = agents.map(({ account, nickname, online }) => {
    const row = element("li");
    const label = element("label", "switch");
    const box = Object.assign(element("input"), { type: "checkbox", checked: online });
    box.addEventListener("change", () => attempt(() => post("agents", { account, online: box.checked })));
    label.append(box, `${nickname} 在线`);
    row.append(label);
    if (agent && agent.account !== account) {
      const pass = Object.assign(element("button", "", "转给这位"), { type: "button" });
      pass.addEventListener("click", () => attempt(() => act(openid, "agent", { switch: account })));
      row.append(pass);
    }
    return row;
  });
  byId("agents").replaceChildren(...rows);
}

function violationRow([sentence, found]) {
  const row = element("li", "", sentence);
  if (found.length > 1) row.append(element("b", "", `　${found.length} 次`));
  const { where, detail } = found.at(-1);
  row.append(element("small", "", `${where}：${detail}`));
  return row;
}

// One line a rule, with its count and the last case.
export function drawViolations(violations) {
  const byRule = new Map();
  for (const each of violations) byRule.set(each.sentence, [...(byRule.get(each.sentence) ?? []), each]);
  byId("violations").replaceChildren(...[...byRule].map(violationRow));
  byId("no-violations").hidden = violations.length > 0;
  byId("forget").hidden = !violations.length;
  byId("violation-count").textContent = String(violations.length);
  byId("violation-count").classList.toggle("some", violations.length > 0);
}

function showPanel(shown) {
  byId("panel").classList.toggle("open", shown);
  byId("more").setAttribute("aria-expanded", String(shown));
  (shown ? byId("close-panel") : byId("more")).focus();
}

export function wirePanel({ onAdd, onToggleFollow, onResend, onRefuse, onSnapshot, onTokens, onForget, onAgent }) {
  byId("more").addEventListener("click", () => showPanel(true));
  byId("close-panel").addEventListener("click", () => showPanel(false));
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key === "Escape") showPanel(false);
  });
  byId("add-person").addEventListener("click", onAdd);
  byId("toggle-follow").addEventListener("click", onToggleFollow);
  byId("resend").addEventListener("click", onResend);
  byId("refuses").addEventListener("change", (event) => onRefuse(event.target.checked));
  byId("snapshot").addEventListener("change", (event) => onSnapshot(event.target.checked));
  byId("frozen").addEventListener("change", (event) => onTokens({ frozen: event.target.checked }));
  for (const button of document.querySelectorAll("[data-tokens]")) {
    button.addEventListener("click", () => onTokens(JSON.parse(button.dataset.tokens), button.textContent));
  }
  byId("forget").addEventListener("click", onForget);
  byId("agent-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const said = byId("agent-text").value.trim();
    if (!said) return;
    byId("agent-text").value = "";
    onAgent({ say: said });
  });
  byId("agent-end").addEventListener("click", () => onAgent({}));
}
