"""What goes over the wire: RTP and SIP packets, taken off it as the kernel saw them."""
