// Buttons that copy a text. Without a clipboard, which only HTTPS and this machine have, they stay hidden.

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
    });
  }
}

for (const field of document.querySelectorAll(".copied-text")) {
  field.addEventListener("focus", () => field.select());
}
