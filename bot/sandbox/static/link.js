// The way to the sandbox: JSON calls and the stream of events.

const base = document.body.dataset.base;

async function answer(response) {
  const type = response.headers.get("Content-Type") || "";
  const body = type.startsWith("application/json") ? await response.json() : { error: await response.text() };
  if (!response.ok) throw new Error(body.error || `请求失败（${response.status}）`);
  return body;
}

export async function read(path) {
  return answer(await fetch(`${base}/${path}`));
}

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`${base}/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export function act(openid, name, body) {
  return post(`people/${encodeURIComponent(openid)}/${name}`, body);
}

// Calls handlers[name](data) for each event; `again` after each (re)connection, since what passed meanwhile is lost.
export function listen(handlers, again) {
  const source = new EventSource(`${base}/events`);
  source.addEventListener("open", again);
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
}
