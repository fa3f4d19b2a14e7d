/** The search of the history uses the viewer's time zone: the form is sent with absolute times. */
import { formatZone } from "../../shared/format.ts";
import { formatInput } from "../../shared/timestamp.ts";

export function watchSearch(form: HTMLFormElement): void {
  const timeInputs = form.querySelectorAll<HTMLInputElement>("input[type=datetime-local]");
  for (const input of timeInputs) {
    const { at } = input.dataset;
    if (at !== undefined) input.value = formatInput(Number(at));
  }
  const zone = form.querySelector(".zone");
  if (zone !== null) zone.textContent = `(${formatZone(Date.now())})`;

  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of timeInputs) {
      if (value !== "") formData.set(name, new Date(value).toISOString());
    }
    // Empty fields need not be in the address.
    const emptyNames = [...formData.keys()].filter((name) => formData.get(name) === "");
    for (const name of emptyNames) formData.delete(name);
  });
}
