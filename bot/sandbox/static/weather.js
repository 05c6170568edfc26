// The weather: switches for bad days, and what is still to come of them.

import { post, read } from "./link.js";

const byId = (id) => document.getElementById(id);
const COUNTERS = {
  fail_calls: (faults) => `报错 ${faults.fail_errcode}`,
  delay_calls: (faults) => `慢 ${faults.delay_seconds} 秒`,
  lose_calls: () => "断线，不生效",
  drop_calls: () => "断线，已生效",
  hang_calls: () => "一直不回答",
};
const FAIR = { fail_calls: 0, fail_errcode: -1, delay_seconds: 0, delay_calls: 0, lose_calls: 0, drop_calls: 0, hang_calls: 0, only_path: "", pushes_twice: false,
  receipts_twice: false, receipts_lost: false, receipts_mixed: false, receipt_status: "", receipt_extra_delay: 0 };
let watching = 0;

export function drawWeather(faults) {
  const coming = Object.keys(COUNTERS).filter((name) => faults[name] > 0);
  const lines = coming.map((name) => `接下来 ${faults[name]} 次调用${COUNTERS[name](faults)}`);
  byId("weather").textContent = lines.length ? `${lines.join("；")}。` : "接口正常。";
  byId("weather").classList.toggle("bad", lines.length > 0);
  for (const box of document.querySelectorAll("[data-flag]")) box.checked = faults[box.dataset.flag];
  byId("receipt-status").value = faults.receipt_status;
  byId("receipt-delay").value = String(faults.receipt_extra_delay);
  clearTimeout(watching);
  // The counters wear off with every call of the product.
  if (coming.length) watching = setTimeout(async () => drawWeather((await read("state")).faults), 3000);
}

function chosen() {
  const times = Number(byId("times").value) || 1;
  const what = byId("trouble").value;
  const faults = { only_path: byId("only-path").value };
  if (what === "delay") return { ...faults, delay_calls: times, delay_seconds: Number(byId("seconds").value) };
  if (["lose", "drop", "hang"].includes(what)) return { ...faults, [`${what}_calls`]: times };
  return { ...faults, fail_calls: times, fail_errcode: Number(what === "other" ? byId("errcode").value : what) };
}

export function wireWeather(attempt) {
  const set = async (faults) => {
    const now = await attempt(() => post("faults", faults));
    if (now) drawWeather(now);
  };
  byId("trouble").addEventListener("change", (event) => {
    byId("errcode-label").hidden = event.target.value !== "other";
    byId("seconds-label").hidden = event.target.value !== "delay";
  });
  byId("weather-form").addEventListener("submit", (event) => {
    event.preventDefault();
    set(chosen());
  });
  byId("fair").addEventListener("click", () => set(FAIR));
  for (const box of document.querySelectorAll("[data-flag]")) {
    box.addEventListener("change", () => set({ [box.dataset.flag]: box.checked }));
  }
  byId("receipt-status").addEventListener("change", (event) => set({ receipt_status: event.target.value }));
  byId("receipt-delay").addEventListener("change", (event) => set({ receipt_extra_delay: Number(event.target.value) }));
}
