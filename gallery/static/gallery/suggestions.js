// Suggestions below the search field. Without this script the field is a field.

import { combobox } from "./combobox.js";

const input = document.querySelector("[data-suggestions]");

combobox(input, document.getElementById("suggestions"), {
  address() {
    const text = input.value.trim();
    return text && `${input.dataset.suggestions}?${new URLSearchParams({ q: text })}`;
  },
  pick: (option) => option.querySelector("a").click(),
});

// An address says only what was chosen.
input.form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});
