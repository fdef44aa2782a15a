// Drawn on a grid of 24 by 24, in the style of the text around them.
const PATHS = {
  overview: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  containers: 'M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500 8-4.500M12 12v9',
  images: 'M12 3l9 5-9 5-9-5zM3 12l9 5 9-5M3 16l9 5 9-5',
  builds: 'M14.500 5.500a4.200 4.200 0 0 0-5.600 5.300L3.500 16.200v4.300h4.300l5.400-5.400a4.200 4.200 0 0 0 5.300-5.600l-2.700 2.700-2.700-.800-.800-2.700z',
  registry: 'M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3zM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6',
  networks: 'M12 9V6M7 15l3.500-4M17 15l-3.500-4M9.500 3.500h5v3h-5zM10 9.500h4v2h-4zM3.500 15.500h6v5h-6zM14.500 15.500h6v5h-6z',
  volumes: 'M4 5h16v6H4zM4 13h16v6H4zM7.500 8h.01M7.500 16h.01',
  events: 'M3 12h4l3-8 4 16 3-8h4',
  nodes: 'M5 4h14v6H5zM5 14h14v6H5zM8 7h.01M8 17h.01M12 10v4',
  services: 'M12 20.500s-8-4.700-8-10.700A4.600 4.600 0 0 1 12 7a4.600 4.600 0 0 1 8 2.800c0 6-8 10.700-8 10.700z',
  disk: 'M21 12a9 9 0 1 1-9-9v9z M15 3.500A9 9 0 0 1 20.500 9H15z',
  audit: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7',
  play: 'M7 4.500l12 7.500-12 7.500z',
  stop: 'M6 6h12v12H6z',
  restart: 'M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7',
  kill: 'M13 2L4.500 13.500H11L10 22l8.500-12H12z',
  pause: 'M8 5v14M16 5v14',
  trash: 'M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L21 21',
  menu: 'M4 6h16M4 12h16M4 18h16',
  close: 'M5 5l14 14M19 5L5 19',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.200 4.200l1.400 1.400M18.400 18.400l1.400 1.400M2 12h2M20 12h2M4.200 19.800l1.400-1.400M18.400 5.600l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  monitor: 'M3 4h18v12H3zM8 20h8M12 16v4',
  plus: 'M12 5v14M5 12h14',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  tag: 'M3.500 3.500h8l9 9-8 8-9-9zM7.500 7.500h.01',
  check: 'M4 12.500l5 5L20 6.500',
  warning: 'M12 3.500L2.500 20h19zM12 10v4.500M12 17.500h.01',
  right: 'M9 5l7 7-7 7',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  terminal: 'M4 5h16v14H4zM7.500 9.500l3 2.500-3 2.500M12.500 15h4',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5.500 5 12.500 0 18M12 3c-5 5.500-5 12.500 0 18',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  logout: 'M10 4H4v16h6M15 8l4 4-4 4M19 12H9',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
