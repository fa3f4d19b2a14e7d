/**
 * Metrics in the text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
import type { Histogram } from "./histogram.ts";

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  labels?: Labels;
  value: number;
}

export type Metric = { name: string; help: string } & (
  | { type: "counter" | "gauge"; samples: readonly Sample[] }
  | { type: "histogram"; histogram: Histogram }
);

/** Formats all metrics as one text. */
export function formatExposition(metrics: readonly Metric[]): string {
  return metrics.map((metric) => lines(metric).join("\n")).join("\n") + "\n";
}

function lines(metric: Metric): string[] {
  const { name, type } = metric;
  const help = metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  if (metric.type !== "histogram") {
    return [...head, ...metric.samples.map(({ labels, value }) => line(name, labels, value))];
  }
  const { bounds, counts, sum, total } = metric.histogram;
  let cumulative = 0;
  const buckets = bounds.map((bound, index) => {
    cumulative += counts[index] ?? 0;
    return line(`${name}_bucket`, { le: String(bound) }, cumulative);
  });
  return [
    ...head,
    ...buckets,
    line(`${name}_bucket`, { le: "+Inf" }, total),
    line(`${name}_sum`, {}, sum),
    line(`${name}_count`, {}, total),
  ];
}

function line(name: string, labels: Labels = {}, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  const braces = pairs.length === 0 ? "" : `{${pairs.join()}}`;
  return `${name}${braces} ${value}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
