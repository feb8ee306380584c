// Sliders that say where they stand.

for (const slider of document.querySelectorAll("input[type=range][data-unit]")) {
  const output = document.createElement("output");
  const tell = () => {
    output.value = `${slider.value} ${slider.dataset.unit}`;
    slider.setAttribute("aria-valuetext", output.value);
  };
  slider.after(output);
  slider.addEventListener("input", tell);
  tell();
}
