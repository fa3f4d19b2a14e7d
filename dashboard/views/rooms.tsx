/** @jsxImportSource hono/jsx */
/** The rooms in which children talk with each other. */
import type { Room } from "../../shared/master.ts";

/** Rooms that are listed at the most: clients make as many as they like. */
const MOST_LISTED = 20;

export function Rooms({ rooms }: { rooms: readonly Room[] }) {
  if (rooms.length === 0) return null;
  return (
    <table>
      <caption>
        Rooms: {rooms.length}
        {rooms.length > MOST_LISTED && `, the ${MOST_LISTED} fullest listed`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Room</th>
          <th scope="col" class="number">
            Members
          </th>
        </tr>
      </thead>
      <tbody>
        {rooms.slice(0, MOST_LISTED).map(({ name, size }) => (
          <tr>
            <th scope="row">{name}</th>
            <td data-label="Members" class="number">
              {size}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
