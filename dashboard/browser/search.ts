/** The search of the history by the reader's clock: what is sent says which moments are meant. */
import { formatZone } from "../../shared/format.ts";
import { formatInput } from "../../shared/timestamp.ts";

export function watchSearch(form: HTMLFormElement): void {
  const moments = form.querySelectorAll<HTMLInputElement>("input[type=datetime-local]");
  for (const moment of moments) {
    const { at } = moment.dataset;
    if (at !== undefined) moment.value = formatInput(Number(at));
  }
  const zone = form.querySelector(".zone");
  if (zone !== null) zone.textContent = `(${formatZone(Date.now())})`;

  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of moments) {
      if (value !== "") formData.set(name, new Date(value).toISOString());
    }
    // What is empty need not stand in the address.
    const empty = [...formData.keys()].filter((name) => formData.get(name) === "");
    for (const name of empty) formData.delete(name);
  });
}
