// An exporter as client_golang's documentation teaches it, for comparison: one collector with const metrics, promhttp
// with gzip. Before each page it reads perf/files.txt's files (a path a line, 20 a device), two messages of 112 bytes a
// device over perf/uds2.sock one after another, and a small /proc file for each process.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var types = []string{"DRAM", "L1", "L1_SMALL", "TRACE", "CB", "KERNEL"}
var sensors = []string{"asic_temperature_celsius", "board_temperature_celsius", "vreg_temperature_celsius", "power_watts", "tdp_limit_watts", "current_amperes", "voltage_volts", "aiclk_hertz", "axiclk_hertz", "arcclk_hertz", "fan_speed_rpm", "heartbeat", "pcie_speed_gts", "pcie_width", "gddr_speed", "gddr_temperature_celsius", "eth_live_status", "faults", "throttler", "uptime_seconds"}
var memory = []string{"capacity", "allocated", "free", "peak_allocated"}
var comms = []string{"python3", "vllm", "tt-metal-bench", "ttnn_worker", "pytest"}

const messageBytes = 112

type process struct {
	pid, comm, user string
	bytes           [6]float64
}

type device struct {
	id, arch, board string
	sensors         [20]float64
	memory          [24]float64
	processes       []*process
}

func makeDevices(devices, processes int) []*device {
	var made []*device
	for d := 0; d < devices; d++ {
		x := &device{id: strconv.Itoa(d), arch: []string{"blackhole", "wormhole_b0"}[d%2], board: "0100014511711" + strconv.Itoa(100+d)}
		for i := range x.memory {
			x.memory[i] = float64(rand.Int63n(12 << 30))
		}
		for p := 0; p < processes; p++ {
			y := &process{pid: strconv.Itoa(1000 + p*37 + (p*p)%31 + 100000), comm: comms[p%5], user: "u" + strconv.Itoa(p%7)}
			for t := range y.bytes {
				y.bytes[t] = float64(rand.Int63n(12 << 30))
			}
			x.processes = append(x.processes, y)
		}
		made = append(made, x)
	}
	return made
}

type collector struct {
	mutex            sync.Mutex
	devices          []*device
	processes        int
	files            []string
	socket           net.Conn
	sensors, memory  []*prometheus.Desc
	allocated, infos *prometheus.Desc
}

func newCollector(devices, processes int, files []string, socket net.Conn) *collector {
	c := &collector{devices: makeDevices(devices, processes), processes: processes, files: files, socket: socket}
	for _, n := range sensors {
		c.sensors = append(c.sensors, prometheus.NewDesc("tt_"+n, "Value of "+n+" as reported by the device driver", []string{"device", "arch", "board_id"}, nil))
	}
	for _, n := range memory {
		c.memory = append(c.memory, prometheus.NewDesc("tt_memory_"+n+"_bytes", "Memory "+n+" in bytes by type", []string{"device", "arch", "board_id", "type"}, nil))
	}
	c.allocated = prometheus.NewDesc("tt_process_memory_allocated_bytes", "Bytes allocated by process and memory type", []string{"device", "arch", "pid", "process", "type"}, nil)
	c.infos = prometheus.NewDesc("tt_process_info", "Process attached to the device", []string{"device", "arch", "pid", "process", "user"}, nil)
	return c
}

func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range append(append([]*prometheus.Desc{c.allocated, c.infos}, c.sensors...), c.memory...) {
		ch <- d
	}
}

func (c *collector) Collect(ch chan<- prometheus.Metric) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.read()
	for _, d := range c.devices {
		for i, x := range c.sensors {
			ch <- gauge(x, d.sensors[i], d.id, d.arch, d.board)
		}
		for i, x := range c.memory {
			for t, name := range types {
				ch <- gauge(x, d.memory[i*6+t], d.id, d.arch, d.board, name)
			}
		}
		for _, p := range d.processes {
			for t, name := range types {
				ch <- gauge(c.allocated, p.bytes[t], d.id, d.arch, p.pid, p.comm, name)
			}
			ch <- gauge(c.infos, 1, d.id, d.arch, p.pid, p.comm, p.user)
		}
	}
}

func (c *collector) read() {
	for i, file := range c.files {
		if text, err := os.ReadFile(file); err == nil {
			value, _ := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
			c.devices[i/20].sensors[i%20] = value
		}
	}
	message := make([]byte, messageBytes)
	for i := 0; i < 2*len(c.devices); i++ {
		if _, err := c.socket.Write(message); err != nil {
			panic(err)
		}
		if _, err := io.ReadFull(c.socket, message); err != nil {
			panic(err)
		}
	}
	for i := 0; i < c.processes; i++ {
		os.ReadFile("/proc/self/comm")
	}
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func main() {
	devices := flag.Int("d", 32, "devices")
	processes := flag.Int("p", 64, "processes a device")
	address := flag.String("listen", "127.0.0.1:0", "address")
	flag.Parse()
	list, err := os.ReadFile("perf/files.txt")
	must(err)
	socket, err := net.Dial("unix", "perf/uds2.sock")
	must(err)
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(*devices, *processes, strings.Split(strings.TrimSpace(string(list)), "\n"), socket))
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	listener, err := net.Listen("tcp", *address)
	must(err)
	fmt.Println("listening", listener.Addr())
	must(http.Serve(listener, nil))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
