// The desk: keyboard and live arrival. Without this file everything still works by links and buttons.
