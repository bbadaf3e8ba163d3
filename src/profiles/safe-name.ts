/** Names of folders and files: nothing that could lead out of the folder of profiles, nor be hidden in it. */
export const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
