/**
 * A button that opens a few buttons. A disclosure, not a menu of the ARIA kind: Tab goes through it as
 * through anything else, Esc or a step elsewhere closes it.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** What a menu of three rows needs. */
const ROOM_PX = 140;

interface MenuProps {
  label: string;
  face: ComponentChildren;
  className: string;
  children: ComponentChildren;
}

export function Menu({ label, face, className, children }: MenuProps) {
  const isOpen = useSignal(false);
  const opensUp = useSignal(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen.value) return;
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target))
        isOpen.value = false;
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("focusin", closeOutside);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("focusin", closeOutside);
    };
  }, [isOpen.value]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the buttons in it
    <div
      class="menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen.value) return;
        event.preventDefault();
        event.stopPropagation();
        isOpen.value = false;
        button.current?.focus();
      }}
    >
      <button
        type="button"
        ref={button}
        class={className}
        aria-label={label}
        aria-expanded={isOpen.value}
        aria-controls={id}
        onClick={(event) => {
          const { bottom } = event.currentTarget.getBoundingClientRect();
          opensUp.value = bottom + ROOM_PX > window.innerHeight;
          isOpen.value = !isOpen.value;
        }}
      >
        {face}
      </button>
      <div
        id={id}
        class={opensUp.value ? "menu-list up" : "menu-list"}
        hidden={!isOpen.value}
        onClickCapture={(event) => {
          if (!(event.target instanceof HTMLButtonElement)) return;
          // Before the button does its work, so that a dialog can give the focus back to something.
          button.current?.focus();
          isOpen.value = false;
        }}
      >
        {children}
      </div>
    </div>
  );
}

interface MenuButtonProps {
  words: string;
  isDangerous?: boolean;
  onClick(): void;
}

export function MenuButton({ words, isDangerous = false, onClick }: MenuButtonProps) {
  return (
    <button
      type="button"
      class={isDangerous ? "menu-button danger" : "menu-button"}
      onClick={onClick}
    >
      {words}
    </button>
  );
}
