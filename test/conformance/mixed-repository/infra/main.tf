terraform {
  required_providers {
    incus = {
      source  = "lxc/incus"
      version = "1.0.0"
    }
  }
}

resource "incus_network" "lan" {
  name = "lan0"
  config = {
    "ipv4.address" = "10.10.0.1/24"
    "ipv4.nat"     = "true"
  }
}

resource "incus_instance" "runner" {
  name  = "runner"
  image = "images:debian/13"
  config = {
    "security.privileged" = "true"
    "security.nesting"    = "true"
  }
  device {
    name = "web"
    type = "proxy"
    properties = {
      listen  = "tcp:0.0.0.0:8443"
      connect = "tcp:127.0.0.1:443"
    }
  }
  device {
    name = "eth0"
    type = "nic"
    properties = { network = incus_network.lan.name }
  }
}
