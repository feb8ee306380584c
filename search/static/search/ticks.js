// Ticks count themselves, and a picture is not liked and disliked at once.

const said = document.getElementById("refine-said");
const count = (name) => document.querySelectorAll(`.tick input[name=${name}]:checked`).length;

function tell() {
  said.textContent = said.dataset.said
    .replace("{more}", count("positive"))
    .replace("{less}", count("negative"));
}

if (said) {
  addEventListener("change", ({ target }) => {
    if (!target.matches(".tick input")) return;
    for (const other of target.closest(".ticks").querySelectorAll("input")) {
      if (other !== target) other.checked = false;
    }
    tell();
  });
}
