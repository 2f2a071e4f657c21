/** Adds a button to each command that copies it, and opens what is folded for print. The page is whole without it. */
export const script = `"use strict";
const told = document.getElementById("told");
const copy = async (pre) => {
  try {
    await navigator.clipboard.writeText(pre.textContent);
  } catch {
    getSelection().selectAllChildren(pre);
    document.execCommand("copy");
  }
};
for (const block of document.querySelectorAll(".command")) {
  const pre = block.firstElementChild;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + pre.getAttribute("aria-label"));
  button.addEventListener("click", async () => {
    await copy(pre);
    button.textContent = "Copied";
    told.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; told.textContent = ""; }, 2000);
  });
  block.append(button);
}
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
});
`;

/** Of `script`, for the page's policy: nothing else may run. Held to it by a test. */
export const scriptHash = "sha256-BrBA1/gDL+VbX7pZwp0b/nQV3RZ0L8QuYcT1dJNLa2o=";
