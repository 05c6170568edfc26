// Nodes whose content is text alone.

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

export function safeUrl(address) {
  try {
    const url = new URL(address, location.href);
    return address && ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function anchor(address, className) {
  const url = safeUrl(address);
  const node = element(url ? "a" : "div", className);
  if (url) Object.assign(node, { href: url, target: "_blank", rel: "noopener noreferrer" });
  return node;
}
