import { useEffect, useRef } from "react";

/** A saliency map to lie over a photo: red where the model looked, clear elsewhere. */
export function Saliency({ grid }: { grid: readonly (readonly number[])[] }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const side = grid.length;
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context || side === 0) return;
    const image = context.createImageData(side, side);
    grid.flat().forEach((value, index) => {
      image.data.set([230, 40, 30, Math.round(value * 165)], index * 4);
    });
    context.putImageData(image, 0, 0);
  }, [grid, side]);
  return <canvas ref={ref} width={side} height={side} aria-hidden />;
}
