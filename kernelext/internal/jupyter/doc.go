// Package jupyter runs Jupyter notebooks from Go, without Python: a client for the Jupyter messaging
// protocol (version 5.3, over ZeroMQ) and the notebook file format (nbformat 4).
//
// [Start] launches a kernel process and connects to it, [Client.Execute] runs one cell and collects what it
// shows, [Client.Close] ends the kernel and everything that the kernel started. [ReadFile] and
// [Notebook.WriteFile] keep a notebook byte for byte as Jupyter writes it, so that a re-run which shows the
// same leaves no trace in version control.
//
// What the protocol offers and this package leaves out on purpose: stdin (a request for input is answered
// by refusing it, since nobody sits in front of a headless run), comms (widgets need a browser) and history.
package jupyter
