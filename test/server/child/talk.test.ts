/** A child's side of talking with others, as the service gets it. */
import { expect, test } from "bun:test";
import { createReporter } from "../../../server/channel/report.ts";
import { hostService } from "../../../server/child/services/hosted.ts";
import { type Message, service } from "../../../server/service.ts";
import type { ChildMessage } from "../../../server/channel/messages.ts";

test("what another one sends is never this service's failure, whatever it is", async () => {
  const told: ChildMessage[] = [];
  const got: Message[] = [];
  const entered = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<void>();
  const definition = service<unknown>({
    async open(client) {
      await client.enter("lobby", "ann");
      entered.resolve();
    },
    message: (_, __, message) => void got.push(message),
    left: () => heard.resolve(),
  });
  const finished: string[] = [];
  const connection = {
    send() {},
    isBehind: false,
    drained: async () => {},
    finish: (why: string) => void finished.push(why),
    pause() {},
    resume() {},
    onEnding() {},
  };
  const identity = { id: "1", address: "", port: 0 };
  const report = createReporter((message) => void told.push(message));
  hostService(definition, identity, connection, report, String).open?.();

  await entered.promise;
  // There is no master here: what it would send is said by hand.
  const bob = { id: "2", name: "bob", room: "lobby" };
  const say = (message: object) => void process.emit("message", { mark: 1, ...message }, undefined);
  for (const json of ["{", "", '"\ud800"', '"hello"']) say({ type: "message", from: bob, json });
  say({ type: "left", member: bob });
  await heard.promise;
  process.removeAllListeners("message");
  expect(got).toEqual(["hello"]);
  expect(finished).toEqual([]);
  expect(told).toEqual([]);
});
