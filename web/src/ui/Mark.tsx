/** The Visionloop mark: an eye inside a loop. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden>
      <g stroke="var(--vl-accent)" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M16 5.5a10.5 10.5 0 1 1-9.6 6.25" />
        <path d="M11.2 4.2 16.2 5.6 14.4 10.4" />
      </g>
      <circle cx="16" cy="16" r="4.25" fill="var(--vl-accent)" />
    </svg>
  );
}
