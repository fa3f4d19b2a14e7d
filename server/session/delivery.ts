/**
 * Messages on their way to many recipients, sent in slices so that nobody else
 * has to wait for all of them.
 */

/** How many are sent in one turn of the event loop; other work comes between two turns. */
const MAX_SENDS_PER_TURN = 100;

/** One message on its way. */
interface Delivery<Recipient, Message> {
  message: Message;
  recipients: readonly Recipient[];
  /** How many have been sent to. */
  sent: number;
  onDone(): void;
}

/**
 * Returns the function that sends a message to all recipients, after all earlier
 * ones, and then calls `onDone`.
 */
export function createDeliveryQueue<Recipient, Message>(
  send: (recipient: Recipient, message: Message) => void,
): (message: Message, recipients: readonly Recipient[], onDone: () => void) => void {
  const queue: Delivery<Recipient, Message>[] = [];

  function sendSlice(): void {
    let left = MAX_SENDS_PER_TURN;
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const slice = first.recipients.slice(first.sent, first.sent + left);
      for (const recipient of slice) send(recipient, first.message);
      first.sent += slice.length;
      left -= slice.length;
      if (first.sent < first.recipients.length) {
        setImmediate(sendSlice);
        return;
      }
      queue.shift();
      first.onDone();
    }
  }

  return (message, recipients, onDone) => {
    queue.push({ message, recipients, sent: 0, onDone });
    if (queue.length === 1) sendSlice();
  };
}
