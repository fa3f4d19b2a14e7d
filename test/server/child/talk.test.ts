/** A child's side of the rooms, as its service sees it. */
import { expect, test } from "bun:test";
import { createReporter } from "../../../server/channel/report.ts";
import type { ChildChannel } from "../../../server/channel/child-channel.ts";
import { createTalk, type RoomEvent } from "../../../server/child/talk.ts";
import { until } from "../../harness/until.ts";
import { hostService } from "../../../server/child/services/hosted.ts";
import { type Message, service } from "../../../server/service.ts";
import {
  type ChildMessage,
  encodeMessage,
  type MasterMessage,
} from "../../../server/channel/messages.ts";

const BOB = { id: "2", name: "bob", room: "lobby" };

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
  let receive: (bytes: Buffer) => void = () => {};
  const channel: ChildChannel = {
    isOpen: true,
    isBehind: false,
    send(message) {
      // There is no master here: its messages are made up.
      if (message.type === "request") fromMaster({ type: "reply", value: true });
      else sent.push(message);
    },
    listen: (onBytes) => void (receive = onBytes),
    pause() {},
    resume() {},
    onClosed() {},
  };
  const fromMaster = (message: MasterMessage) => receive(encodeMessage(message));
  const report = createReporter(channel);
  hostService(definition, identity, connection, channel, report, String).open?.();

  await entered.promise;
  for (const json of ["{", "", '"\ud800"', '"hello"'])
    fromMaster({ type: "message", from: BOB, json });
  fromMaster({ type: "left", member: BOB });
  await left.promise;
  expect(received).toEqual(["hello"]);
  expect(finished).toEqual([]);
  expect(sent).toEqual([]);
});

test("while a service is behind nothing is read, except for a reply to it, so that nothing piles up", async () => {
  const release = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<number>();
  let receive: (bytes: Buffer) => void = () => {};
  let reading = true;
  const isReading = () => reading;
  const requests: ChildMessage[] = [];
  const channel: ChildChannel = {
    isOpen: true,
    isBehind: false,
    send: (message) => void requests.push(message),
    listen: (onBytes) => void (receive = onBytes),
    pause: () => void (reading = false),
    resume: () => void (reading = true),
    onClosed() {},
  };
  const talk = createTalk(channel);
  const fromMaster = (message: MasterMessage) => receive(encodeMessage(message));
  const events: RoomEvent[] = [];
  talk.onEvent((event) => void events.push(event));
  void talk.enter("lobby", "ann").then(() => release.resolve());
  await until(() => requests.length === 1, "the request was sent");
  fromMaster({ type: "reply", value: true });
  await release.promise;

  while (isReading()) fromMaster({ type: "message", from: BOB, json: "1" });
  expect(events.length).toBeLessThan(100);
  // A handler under way asks, and its reply is behind more messages.
  void talk.broadcast("1").then(answered.resolve);
  await until(() => requests.length === 2, "the request was sent");
  expect(isReading()).toBe(true);
  fromMaster({ type: "message", from: BOB, json: "2" });
  expect(isReading()).toBe(true);
  fromMaster({ type: "reply", value: 7 });
  expect(await answered.promise).toBe(7);
  expect(isReading()).toBe(false);
  for (const _ of events) talk.handled();
  expect(isReading()).toBe(true);
});
