// Draws chat entries. Whatever people or the account wrote goes in as text, never as markup.

const GAP = 5 * 60;
const LINK = /<a\s+[^>]*?href=["']([^"']+)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s<>"'，。；、）】」]+)/gi;
const WAVES = "M6 12h.01M9.5 8.5a5 5 0 0 1 0 7M13.5 5.5a9 9 0 0 1 0 13";

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function safeUrl(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function anchor(address, className) {
  const url = safeUrl(address);
  const node = element(url ? "a" : "div", className);
  if (url) Object.assign(node, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return node;
}

function tapButton(id, text, onTap) {
  const button = element("button", "tap", text);
  button.type = "button";
  button.addEventListener("click", () => onTap(id, text));
  return button;
}

// WeChat draws <a href> in texts as links, and weixin://bizmsgmenu links as lines of a menu.
function link(address, label, onTap) {
  if (address.startsWith("weixin://bizmsgmenu")) {
    const query = new URLSearchParams(address.split("?")[1] || "");
    const button = tapButton(query.get("msgmenuid") || "", query.get("msgmenucontent") || label, onTap);
    button.textContent = label;
    return button;
  }
  const node = anchor(address);
  node.textContent = label;
  return node.tagName === "A" ? node : document.createTextNode(label);
}

function written(text, onTap) {
  const piece = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    piece.append(text.slice(end, match.index), link(match[1] || match[3], match[2] || match[3], onTap));
    end = match.index + match[0].length;
  }
  piece.append(text.slice(end));
  return piece;
}

function menu(content, onTap) {
  const bubble = element("div", "bubble");
  if (content.text) bubble.append(written(content.text, onTap));
  const options = element("div", "options");
  options.append(...content.options.map((option) => tapButton(option.id, option.content, onTap)));
  bubble.append(options);
  if (content.tail) bubble.append(written(content.tail, onTap));
  return bubble;
}

function voice() {
  const bubble = element("div", "bubble voice", "4″");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-label", "语音");
  path.setAttribute("d", WAVES);
  svg.append(path);
  bubble.append(svg);
  return bubble;
}

function template(content) {
  const card = element("article", "card");
  card.append(element("h2", "", content.text));
  const rows = element("dl");
  for (const row of content.rows) rows.append(element("dt", "", row.label), element("dd", "", row.value));
  card.append(rows);
  if (safeUrl(content.url) && content.url) {
    const more = anchor(content.url, "more");
    more.append("查看详情");
    card.append(more);
  }
  return card;
}

function news(content) {
  const card = element("article", "card");
  for (const article of content.articles) {
    const node = anchor(article.url, "article");
    if (article.picture && safeUrl(article.picture)) {
      const picture = element("img");
      Object.assign(picture, { src: safeUrl(article.picture), alt: "" });
      node.append(picture);
    }
    node.append(element("strong", "", article.title));
    if (article.description) node.append(element("span", "", article.description));
    card.append(node);
  }
  return card;
}

function bubble(entry, onTap) {
  const { kind, text } = entry.content;
  if (kind === "menu") return menu(entry.content, onTap);
  if (kind === "voice") return voice();
  const node = element("div", "bubble");
  node.append(written(kind === "location" ? `[位置] ${text}` : text, onTap));
  return node;
}

function inBubble(entry, nickname, onTap) {
  const row = element("div", `entry ${entry.sender}`);
  const avatar = element("div", `avatar ${entry.sender}`, entry.sender === "person" ? nickname.slice(0, 1) : "");
  avatar.setAttribute("aria-hidden", "true");
  row.append(avatar, bubble(entry, onTap));
  return row;
}

function drawn(entry, nickname, onTap) {
  const { kind, text } = entry.content;
  if (kind === "template") return [template(entry.content)];
  if (kind === "news") return [news(entry.content)];
  if (kind === "notice") return [element("p", "notice", text)];
  const row = inBubble(entry, nickname, onTap);
  return kind === "voice" && text ? [row, element("p", "heard", text)] : [row];
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
  constructor(box, onTap) {
    Object.assign(this, { box, onTap });
    this.clear("");
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
    this.box.append(...drawn(entry, this.nickname, this.onTap));
    this.box.scrollTop = this.box.scrollHeight;
  }
}
