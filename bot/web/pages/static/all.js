// «全部勾选»: a help for many boxes; each can be ticked without it.

for (const button of document.querySelectorAll("[data-tick-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const box of document.getElementsByName(button.dataset.tickAll)) box.checked = true;
  });
}
