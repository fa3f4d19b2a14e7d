/** @jsxImportSource hono/jsx */
/** The master in one line of figures. */
import { formatAddress } from "../../shared/address.ts";
import { formatDuration } from "../../shared/format.ts";
import type { Sample } from "../sample.ts";

export function MasterFigures({ sample: { master, spares, at } }: { sample: Sample }) {
  const uptime = Math.floor((at - master.startedAt) / 1000) * 1000;
  const figures: readonly (readonly [string, string | number])[] = [
    ["master", `pid ${master.pid}`],
    ["address", formatAddress(master.host, master.port)],
    ["service", master.service],
    ["uptime", formatDuration(uptime).replace(".0 s", " s")],
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
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </>
  );
}
