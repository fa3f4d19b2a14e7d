/** The texts of the history and audit pages, in Korean. */
import type { history as en } from "./en-history.ts";
import { END_REASONS, formatDuration, operatorName } from "./ko-log.ts";

export const history: typeof en = {
  title: "기록",
  writeError: (why) => `현재 기록을 저장하지 못하고 있습니다: ${why}`,
  noAnswer: (why) => `기록을 조회할 수 없습니다: ${why}.`,
  scope: ({ file, retention: { maxSessions, maxAgeMs } }) =>
    `종료된 세션을 최근 ${count(maxSessions)}개까지${maxAgeMs === 0 ? "" : `, ${period(maxAgeMs)} 동안`} ` +
    (file === null
      ? "메모리에 보관하며, 서버가 종료되면 사라집니다. 파일에 보관하려면 --history FILE을 지정하십시오."
      : `${file}에 보관합니다.`),

  search: {
    label: "검색",
    address: "주소",
    addressHint: "주소의 일부",
    source: "접속 IP",
    reason: "종료 사유",
    any: "전체",
    from: "시작(부터)",
    to: "시작(까지)",
    find: "검색",
    all: "모두 보기",
    wrong: "검색 조건이 올바르지 않습니다. 주소창의 시각이나 종료 사유를 확인하십시오.",
  },

  reason: (reason) =>
    reason === "live" ? "접속 중" : reason === "lost" ? "유실" : END_REASONS[reason],

  totals: {
    reasons: "종료 사유별",
    sources: "접속 IP별",
    mostSources: (shown) => `접속 IP별: 상위 ${shown}개`,
    reason: "종료 사유",
    source: "접속 IP",
    sessions: "세션",
    in: "수신",
    out: "송신",
  },

  sessions: {
    title: "세션",
    scrollable: "세션, 스크롤 가능",
    began: "시작",
    client: "클라이언트",
    reason: "종료 사유",
    lasted: "지속 시간",
    firstReply: "첫 응답",
    requests: "요청",
    in: "수신",
    out: "송신",
    cpu: "CPU 시간",
    memory: "최대 메모리",
    pid: "PID",
    none: "아직 세션이 없습니다. 클라이언트가 접속하면 여기에 기록됩니다.",
    noMatch: "조건에 맞는 세션이 없습니다.",
    newest: "최신",
    older: "이전",
    csv: "CSV 파일",
    json: "JSON 파일",
    export: "검색 결과 전체 내려받기:",
  },

  audit: {
    title: "감사 로그",
    scrollable: "감사 로그, 스크롤 가능",
    about: "운영자가 한 작업입니다: 시그널, 일시 중지, 접속 정리, 옵션 변경.",
    when: "시각",
    operator: "작업자",
    what: "작업",
    target: "대상",
    server: "서버",
    by: operatorName,
    none: "아직 운영자 작업이 없습니다.",
  },
};

const DAY_MS = 86_400_000;

function period(ms: number): string {
  return ms % DAY_MS === 0 ? `${ms / DAY_MS}일` : formatDuration(ms);
}

function count(number: number): string {
  return number.toLocaleString("ko");
}
