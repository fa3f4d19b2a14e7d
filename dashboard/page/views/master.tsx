/** @jsxImportSource hono/jsx */
/** The master's figures, in one line. */
import { formatAddress } from "../../../shared/address.ts";
import { useTexts } from "../../http/viewer.tsx";
import type { Sample } from "../sample.ts";
import type { Texts } from "../../texts/en.ts";

export function MasterSummary({ sample: { master, spares, at } }: { sample: Sample }) {
  const texts = useTexts();
  const uptime = Math.floor((at - master.startedAt) / 1000);
  const { seconds, duration } = texts.time;
  const figures: readonly (readonly [keyof Texts["master"]["figures"], string | number])[] = [
    ["master", texts.master.pid(master.pid)],
    ["address", formatAddress(master.host, master.port)],
    ["service", master.service],
    ["uptime", uptime < 60 ? seconds(uptime) : duration(uptime * 1000)],
    ["live", master.live],
    ...(master.spares === 0 ? [] : [["spares", spares.length] as const]),
    ["peak", master.peak],
    ["total", master.accepted],
    ["refused", master.refused],
  ];
  return (
    <>
      {figures.map(([name, value]) => (
        <div class="figure" data-name={name}>
          <dt>{texts.master.figures[name]}</dt>
          <dd>{typeof value === "number" ? value.toLocaleString("en") : value}</dd>
        </div>
      ))}
    </>
  );
}
