/** Runs a service of handlers, the user's or the chat, for one client. */
import type { ChildChannel } from "../../channel/child-channel.ts";
import { type LeaveReason, readJson } from "../../channel/messages.ts";
import type { Reporter } from "../../channel/report.ts";
import type { Client, Message, Service } from "../../service.ts";
import { type RoomEvent, createTalk } from "../talk.ts";
import type { ByteService, Connection } from "./byte-service.ts";
import { type HandlerCall, type HandlerQueue, createHandlerQueue } from "./handler-queue.ts";
import { type ClientIdentity, createHostedClient } from "./hosted-client.ts";
import { bytesFormat, createHostedInput, type InputFormat, textFormat } from "./hosted-input.ts";

export interface HostedService extends ByteService {
  /** Ends the session because of an error that a handler threw, or that anything it started did. */
  fail(error: unknown): void;
  /**
   * The session has ended. Settles when the service's `leave` has returned, or has taken too long.
   */
  leave(reason: LeaveReason): Promise<void>;
}

/** After this time without output a client that sends nothing more may have gone. */
const HALF_CLOSED_TIMEOUT_MS = 10_000;

/**
 * How long the handler under way may take when the session has ended, and then the `leave` handler.
 */
const LAST_HANDLER_TIMEOUT_MS = 2000;
const LEAVE_TIMEOUT_MS = 5000;

const NOTHING: Buffer = Buffer.alloc(0);

/** Sent to the client of a service that has thrown. */
const FAILURE_NOTICE = Buffer.from("the service has failed\r\n");

/** `describeError` returns what the log shows of anything that was thrown. */
export function hostService(
  service: Service<unknown>,
  identity: ClientIdentity,
  connection: Connection,
  channel: ChildChannel,
  report: Reporter,
  describeError: (error: unknown) => string,
): HostedService {
  const ended = new AbortController();
  connection.onEnding(() => ended.abort());
  const talk = createTalk(channel);
  const halfClosed = createHalfClosedTimer(connection);

  function fail(error: unknown): void {
    // A handler that waits with the signal is expected to throw its reason.
    if (ended.signal.aborted && error === ended.signal.reason) return;
    report.fail(describeError(error));
    connection.send(FAILURE_NOTICE);
    connection.finish("service failed");
  }

  /** Done when the handler's promise has settled and the client has taken what it wrote. */
  async function run(call: HandlerCall): Promise<void> {
    try {
      await call();
      await talk.answered();
    } catch (error) {
      fail(error);
    }
    await connection.drained();
  }

  const { signal } = ended;
  const onWrite = halfClosed.refresh;
  const client = createHostedClient(identity, connection, talk, report, signal, onWrite);
  const queue = createHandlerQueue(run, signal);
  const format = formatOf(service, client, queue, report, connection);
  const input = createHostedInput(format, queue, connection);
  queue.onDone(input.readMore);
  talk.onEvent((event) => {
    queue.add(() => {
      talk.handled();
      return handleRoomEvent(service, client, event);
    });
  });

  return {
    open() {
      queue.add(() => {
        client.state = service.state?.();
        return service.open?.(client);
      });
    },
    receive(bytes) {
      input.receive(bytes);
      return NOTHING;
    },
    end() {
      input.end(() => queue.add(() => connection.finish("left")));
      halfClosed.start();
      return null;
    },
    fail,
    async leave(reason) {
      halfClosed.stop();
      await Promise.race([queue.running, Bun.sleep(LAST_HANDLER_TIMEOUT_MS)]);
      try {
        await Promise.race([service.leave?.(client, reason), Bun.sleep(LEAVE_TIMEOUT_MS)]);
      } catch (error) {
        report.fail(describeError(error));
      }
      report.flush();
    },
  };
}

/** Ends the session of a client that sends nothing more when nothing was sent to it for a while. */
function createHalfClosedTimer(connection: Connection) {
  let timer: Timer | undefined;

  /**
   * A client that has not taken everything is still there: if it is not, the kernel will report it.
   */
  function pass(): void {
    if (connection.isBehind) timer?.refresh();
    else connection.finish("left");
  }

  return {
    start: () => void (timer = setTimeout(pass, HALF_CLOSED_TIMEOUT_MS)),
    refresh: () => void timer?.refresh(),
    stop: () => clearTimeout(timer),
  };
}

function formatOf(
  service: Service<unknown>,
  client: Client<unknown>,
  queue: HandlerQueue,
  report: Reporter,
  connection: Connection,
): InputFormat {
  if (service.bytes !== undefined) {
    return bytesFormat((bytes) => queue.add(() => service.bytes?.(client, bytes)));
  }
  return textFormat((line) => {
    report.countRequests(1);
    queue.add(() => service.line?.(client, line));
  }, connection);
}

function handleRoomEvent(
  service: Service<unknown>,
  client: Client<unknown>,
  event: RoomEvent,
): void | Promise<void> {
  switch (event.type) {
    case "message": {
      // The master passes on JSON only. Whatever another client sends, it is
      // no failure of this service.
      const message = readJson(event.json) as Message | undefined;
      return message === undefined ? undefined : service.message?.(client, event.from, message);
    }
    case "joined":
      return service.joined?.(client, event.member);
    case "left":
      return service.left?.(client, event.member);
    case "lost":
      return service.lost?.(client, event.count);
  }
}
