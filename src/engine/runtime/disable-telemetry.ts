/**
 * onnxruntime's Linux build reports its use to its maker, and leaves an identity of the device in the user's cache
 * folder, unless this variable is set before the library is loaded. Import this module before onnxruntime-node.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
