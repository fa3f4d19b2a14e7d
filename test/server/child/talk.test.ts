/** A child's side of the rooms, as its service sees it. */
import { expect, test } from "bun:test";
import { createReporter } from "../../../server/channel/report.ts";
import { hostService } from "../../../server/child/services/hosted.ts";
import { type Message, service } from "../../../server/service.ts";
import type { ChildMessage } from "../../../server/channel/messages.ts";

test("whatever another client sends, it is no failure of this service", async () => {
  const sent: ChildMessage[] = [];
  const received: Message[] = [];
  const entered = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const definition = service<unknown>({
    async open(client) {
      await client.enter("lobby", "ann");
      entered.resolve();
    },
    message: (_, __, message) => void received.push(message),
    left: () => left.resolve(),
  });
  const finished: string[] = [];
  const connection = {
    send() {},
    isBehind: false,
    drained: async () => {},
    finish: (reason: string) => void finished.push(reason),
    pause() {},
    resume() {},
    onEnding() {},
  };
  const identity = { id: "1", address: "", port: 0 };
  const report = createReporter((message) => void sent.push(message));
  hostService(definition, identity, connection, report, String).open?.();

  await entered.promise;
  // There is no master here: its messages are made up.
  const bob = { id: "2", name: "bob", room: "lobby" };
  const receive = (message: object) =>
    void process.emit("message", { mark: 1, ...message }, undefined);
  for (const json of ["{", "", '"\ud800"', '"hello"'])
    receive({ type: "message", from: bob, json });
  receive({ type: "left", member: bob });
  await left.promise;
  process.removeAllListeners("message");
  expect(received).toEqual(["hello"]);
  expect(finished).toEqual([]);
  expect(sent).toEqual([]);
});
