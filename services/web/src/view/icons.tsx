/** The few pictures of the page, drawn in the colour of the text beside them. Each has words beside it. */
import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const PencilIcon = () => (
  <Icon>
    <path d="M4 16l.8-3.4L13 4.4a1.5 1.5 0 0 1 2.2 0l.4.4a1.5 1.5 0 0 1 0 2.2L7.4 15.2 4 16z" />
  </Icon>
);

export const BinIcon = () => (
  <Icon>
    <path d="M4 6h12M8 6V4h4v2M6 6l.6 10h6.8L14 6M8.5 9v4M11.5 9v4" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M4.5 10.5l3.5 3.5 7.5-8" />
  </Icon>
);

export const CrossIcon = () => (
  <Icon>
    <path d="M6 6l8 8M14 6l-8 8" />
  </Icon>
);

export const QuestionIcon = () => (
  <Icon>
    <path d="M7.5 7.8a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.8-1.1 1.7M10 14.5v.1" />
  </Icon>
);

export const SpeechIcon = () => (
  <Icon>
    <path d="M4 5h12v8.5H9L5.5 16v-2.5H4z" />
  </Icon>
);

export const ListIcon = () => (
  <Icon>
    <path d="M3.5 6l1.2 1.2L7 5M3.5 13l1.2 1.2L7 12M10 6h6.5M10 13h6.5" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="M10 4v12M5 11l5 5 5-5" />
  </Icon>
);

export const DotsIcon = () => (
  <Icon>
    <path d="M5 10v.01M10 10v.01M15 10v.01" class="dots" />
  </Icon>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="10" cy="7" r="3" />
    <path d="M4.5 16.5c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5" />
  </Icon>
);
