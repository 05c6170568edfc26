// Everything in a chat that is more than words: cards, pictures, places.

import { anchor, element, safeUrl } from "./dom.js";

// A link opens inside the phone; with a modifier key in a new window, as everywhere.
export function clickable(node, acts) {
  node.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    acts.onOpen(node.href);
  });
  return node;
}

function linked(address, className, acts) {
  const node = anchor(address, className);
  return node.tagName === "A" ? clickable(node, acts) : node;
}

function notice(content, acts) {
  const box = element("article", "card");
  if (content.kind === "subscription") box.append(element("p", "card-kind", "订阅通知"));
  box.append(element("h2", "", content.text));
  const rows = element("dl");
  for (const row of content.rows) {
    if (row.label) rows.append(element("dt", "", row.label), element("dd", "", row.value));
    else rows.append(element("dd", "wide", row.value));
  }
  box.append(rows);
  if (content.app_id) box.append(element("p", "more", "进入小程序查看"));
  else if (safeUrl(content.url)) {
    const more = linked(content.url, "more", acts);
    more.append("查看详情");
    box.append(more);
  }
  return box;
}

function news(content, acts) {
  const box = element("article", "card");
  for (const article of content.articles) {
    const node = linked(article.url, "article", acts);
    if (safeUrl(article.picture)) node.append(Object.assign(element("img"), { src: safeUrl(article.picture), alt: "" }));
    node.append(element("strong", "", article.title));
    if (article.description) node.append(element("span", "", article.description));
    box.append(node);
  }
  return box;
}

function picture(content) {
  const url = safeUrl(content.url);
  if (!url || new URL(url).origin !== location.origin) return element("div", "bubble", content.text);
  const box = element("div", "picture");
  box.append(Object.assign(element("img"), { src: url, alt: "图片" }));
  return box;
}

function place(content) {
  const box = element("div", "tile");
  box.append(element("strong", "", content.text || "我的位置"), element("span", "map", "位置"));
  return box;
}

function page(content, acts) {
  const box = linked(content.url, "tile", acts);
  box.append(element("strong", "", content.text), element("span", "", content.tail || content.url));
  return box;
}

function miniProgram(content) {
  const box = element("div", "tile");
  box.append(element("strong", "", content.text), element("span", "", `小程序 · ${content.url}`));
  return box;
}

const DRAW = { template: notice, subscription: notice, news, image: picture, location: place, link: page, miniprogrampage: miniProgram };

// The node for this content, or nothing when plain words say it.
export function card(content, acts) {
  return DRAW[content.kind]?.(content, acts);
}
