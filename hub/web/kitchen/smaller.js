// A picture made smaller on the device, so that it is sent sooner.

const WORTH_SHRINKING = 1_500_000;

/**
 * As a JPEG with so many pixels at most.
 *
 * @param {Blob} file
 * @param {number} largest the longer edge
 * @returns {Promise<Blob | undefined>} nothing where this device cannot make one of it
 */
export async function redrawn(file, largest) {
  if (!('createImageBitmap' in window)) return undefined;
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, largest / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.88));
  } catch {
    return undefined;
  }
}

/** A large picture made smaller; as it is where that cannot be done. @param {Blob} file @param {number} largest @returns {Promise<Blob>} */
export async function smaller(file, largest) {
  if (file.size < WORTH_SHRINKING) return file;
  return (await redrawn(file, largest)) ?? file;
}
