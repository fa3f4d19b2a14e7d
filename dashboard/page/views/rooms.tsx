/** @jsxImportSource hono/jsx */
/** The rooms in which children exchange messages. */
import type { Room } from "../../../shared/master.ts";
import { useTexts } from "../../http/viewer.tsx";

/** Clients can create any number of rooms. */
const MAX_LISTED = 20;

export function Rooms({ rooms }: { rooms: readonly Room[] }) {
  const texts = useTexts().rooms;
  if (rooms.length === 0) return null;
  return (
    <table>
      <caption>
        {texts.caption(rooms.length)}
        {rooms.length > MAX_LISTED && texts.listed(MAX_LISTED)}
      </caption>
      <thead>
        <tr>
          <th scope="col">{texts.room}</th>
          <th scope="col" class="number">
            {texts.members}
          </th>
        </tr>
      </thead>
      <tbody>
        {rooms.slice(0, MAX_LISTED).map(({ name, size }) => (
          <tr>
            <th scope="row">{name}</th>
            <td data-label={texts.members} class="number">
              {size}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
