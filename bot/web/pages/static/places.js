// The region picker: the next list follows the choice by itself. Without this file a button does it.

const form = document.getElementById("registration");
const lists = ["province", "city", "district"].map((name) => form.elements[name]);
for (const button of form.querySelectorAll("[data-without-script]")) button.remove();

function offer(list, places, words) {
  list.replaceChildren(new Option(words, ""), ...places.map(([code, name]) => new Option(name, code)));
}

async function below(code) {
  if (!code) return [];
  const answer = await fetch(`/m/places?of=${encodeURIComponent(code)}`);
  return answer.ok ? answer.json() : [];
}

lists[0].addEventListener("change", async () => {
  const chosen = lists[0].value;
  const places = await below(chosen);
  if (lists[0].value !== chosen) return;
  offer(lists[1], places, places.length ? "请选择" : "请先选省份");
  offer(lists[2], [], "请先选城市");
});
lists[1].addEventListener("change", async () => {
  const chosen = lists[1].value;
  const places = await below(chosen);
  if (lists[1].value !== chosen) return;
  offer(lists[2], places, places.length ? "请选择" : "这里不分区县");
});
