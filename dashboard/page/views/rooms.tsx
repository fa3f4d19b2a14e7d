/** @jsxImportSource hono/jsx */
/** The rooms in which children talk with each other. */
import type { Room } from "../../../shared/master.ts";
import { useTexts } from "../../http/viewer.tsx";

/** Rooms that are listed at the most: clients make as many as they like. */
const MOST_LISTED = 20;

export function Rooms({ rooms }: { rooms: readonly Room[] }) {
  const texts = useTexts().rooms;
  if (rooms.length === 0) return null;
  return (
    <table>
      <caption>
        {texts.caption(rooms.length)}
        {rooms.length > MOST_LISTED && texts.listed(MOST_LISTED)}
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
        {rooms.slice(0, MOST_LISTED).map(({ name, size }) => (
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
