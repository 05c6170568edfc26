// Draws chat entries. Whatever people or the account wrote goes in as text, never as markup.

import { card, clickable } from "./cards.js";
import { anchor, element } from "./dom.js";

export { element } from "./dom.js";

const GAP = 5 * 60;
const LINK = /<a\s+[^>]*?href=["']([^"']+)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；、）】」]+)/gi;
const WAVES = "M6 12h.01M9.5 8.5a5 5 0 0 1 0 7M13.5 5.5a9 9 0 0 1 0 13";
const ORIGINS = { mass: "群发", agent: "人工客服" };

function tapButton(id, text, onTap) {
  const button = element("button", "tap", text);
  button.type = "button";
  button.addEventListener("click", () => onTap(id, text));
  return button;
}

// WeChat draws <a href> in texts as links, and weixin://bizmsgmenu links as lines of a menu.
function link(address, label, acts) {
  if (address.startsWith("weixin://bizmsgmenu")) {
    const query = new URLSearchParams(address.split("?")[1] || "");
    const button = tapButton(query.get("msgmenuid") || "", query.get("msgmenucontent") || label, acts.onTap);
    button.textContent = label;
    return button;
  }
  const node = anchor(address);
  node.textContent = label;
  return node.tagName === "A" ? clickable(node, acts) : document.createTextNode(label);
}

function written(text, acts) {
  const piece = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    piece.append(text.slice(end, match.index), link(match[1] || match[3], match[2] || match[3], acts));
    end = match.index + match[0].length;
  }
  piece.append(text.slice(end));
  return piece;
}

function menu(content, acts) {
  const bubble = element("div", "bubble");
  if (content.text) bubble.append(written(content.text, acts));
  const options = element("div", "options");
  options.append(...content.options.map((option) => tapButton(option.id, option.content, acts.onTap)));
  bubble.append(options);
  if (content.tail) bubble.append(written(content.tail, acts));
  return bubble;
}

function voice() {
  const bubble = element("div", "bubble voice", "4″");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "语音");
  path.setAttribute("d", WAVES);
  svg.append(path);
  bubble.append(svg);
  return bubble;
}

function bubble(entry, acts) {
  const { kind, text } = entry.content;
  if (kind === "menu") return menu(entry.content, acts);
  if (kind === "voice") return voice();
  const drawn = card(entry.content, acts);
  if (drawn) return drawn;
  const node = element("div", "bubble");
  node.append(written(text, acts));
  return node;
}

function inBubble(entry, nickname, acts) {
  const row = element("div", `entry ${entry.sender}`);
  const avatar = element("div", `avatar ${entry.sender}`, entry.sender === "person" ? nickname.slice(0, 1) : "");
  avatar.setAttribute("aria-hidden", "true");
  row.append(avatar, bubble(entry, acts));
  return row;
}

function drawn(entry, nickname, acts) {
  const { kind, text } = entry.content;
  if (kind === "notice") return [element("p", "notice", text)];
  const note = ORIGINS[entry.origin] ? [element("p", "origin", ORIGINS[entry.origin])] : [];
  if (["template", "subscription", "news"].includes(kind)) return [...note, card(entry.content, acts)];
  const row = inBubble(entry, nickname, acts);
  return [...note, row, ...(kind === "voice" && text ? [element("p", "heard", text)] : [])];
}

function clockText(seconds) {
  const at = new Date(seconds * 1000);
  const today = new Date();
  const hour = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  if (at.toDateString() === today.toDateString()) return hour;
  const days = Math.round((today.setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000);
  return days === 1 ? `昨天 ${hour}` : `${at.getMonth() + 1}月${at.getDate()}日 ${hour}`;
}

export class Chat {
  // acts: onTap(id, text) for a line of a menu, onOpen(url) for a link.
  constructor(box, acts) {
    Object.assign(this, { box, acts });
    this.clear("");
    // The keyboard, a banner or the extras take room from the chat: its last words stay in sight.
    new ResizeObserver(() => { box.scrollTop = box.scrollHeight; }).observe(box);
  }

  clear(nickname) {
    Object.assign(this, { nickname, seen: new Set(), last: -Infinity });
    this.box.replaceChildren();
  }

  add(entry) {
    if (this.seen.has(entry.id)) return;
    this.seen.add(entry.id);
    if (entry.at - this.last > GAP) this.box.append(element("p", "time", clockText(entry.at)));
    this.last = entry.at;
    this.box.append(...drawn(entry, this.nickname, this.acts));
    this.box.scrollTop = this.box.scrollHeight;
  }
}
