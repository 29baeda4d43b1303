package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	registers   = 4
	initial     = "initial"
	setSize     = 25
	clients     = 6
	period      = 200 * time.Millisecond
	retryDelay  = time.Second
	finalPeriod = 60 * time.Second
)

// recorder makes the operations of all clients and keeps their attempts.
type recorder struct {
	access    access
	namespace string
	began     time.Time
	// Every value and every element has a number of its own.
	numbers atomic.Int64
	added   atomic.Int64

	mutex    sync.Mutex
	attempts []attempt
}

// record works until `ended` is closed. A client makes at most one operation in 200 ms, and two of the six clients make
// a new connection for each of their operations, as kubectl does.
func record(access access, ended <-chan struct{}, ready func()) ([]attempt, error) {
	r := &recorder{
		access:    access,
		namespace: fmt.Sprintf("client-history-%08x", rand.Uint32()),
		began:     time.Now(),
	}
	setUp, err := connect(access, true)
	if err != nil {
		return nil, err
	}
	if err := r.createObjects(setUp); err != nil {
		return nil, fmt.Errorf("the objects of the client cannot be created: %w", err)
	}
	r.began = time.Now()
	ready()
	var working sync.WaitGroup
	start := func(number int, keepConnections bool, next func() operation) error {
		client, err := connect(access, keepConnections)
		if err != nil {
			return err
		}
		working.Add(1)
		go func() {
			defer working.Done()
			for {
				select {
				case <-ended:
					return
				case <-time.After(time.Duration(rand.Int64N(2 * int64(period)))):
					r.perform(client, number, next())
				}
			}
		}()
		return nil
	}
	for number := range clients {
		if err := start(number, number%3 != 0, r.next); err != nil {
			return nil, err
		}
	}
	if access.Registration != "" {
		if err := start(clients, false, r.askForRegistration); err != nil {
			return nil, err
		}
	}
	<-ended
	working.Wait()
	if err := r.readAll(setUp); err != nil {
		return nil, err
	}
	// Nothing depends on it: the next client has a namespace of its own.
	_ = call(setUp, http.MethodDelete, access.Server+"/api/v1/namespaces/"+r.namespace, nil, nil)
	return r.attempts, nil
}

// operation is one thing to do, in up to two attempts.
type operation struct {
	kind, key, value string
	// do sends the request. It returns what was read.
	do func(client *http.Client, retry bool) (value string, values []string, err error)
}

func (r *recorder) next() operation {
	switch rand.IntN(4) {
	case 0:
		return r.write(fmt.Sprintf("register-%d", rand.IntN(registers)))
	case 1:
		return r.read(fmt.Sprintf("register-%d", rand.IntN(registers)))
	case 2:
		return r.add(fmt.Sprintf("set-%d", (r.added.Add(1)-1)/setSize))
	default:
		newest := max(r.added.Load()-1, 0) / setSize
		return r.list(fmt.Sprintf("set-%d", max(newest-rand.Int64N(2), 0)))
	}
}

func (r *recorder) write(key string) operation {
	value := fmt.Sprintf("v%d", r.numbers.Add(1))
	return operation{writeRegister, key, value, func(client *http.Client, _ bool) (string, []string, error) {
		patch := map[string]any{"data": map[string]string{"value": value}}
		return value, nil, call(client, http.MethodPatch, r.configMaps()+"/"+key, patch, nil)
	}}
}

func (r *recorder) read(key string) operation {
	return operation{readRegister, key, "", func(client *http.Client, _ bool) (string, []string, error) {
		var found configMap
		err := call(client, http.MethodGet, r.configMaps()+"/"+key, nil, &found)
		return found.Data["value"], nil, err
	}}
}

// add creates an object. When its first attempt had an effect after all, the second one finds the object.
func (r *recorder) add(key string) operation {
	element := fmt.Sprintf("%s-%d", key, r.numbers.Add(1))
	return operation{addElement, key, element, func(client *http.Client, retry bool) (string, []string, error) {
		var created configMap
		created.Metadata.Name = element
		created.Metadata.Labels = map[string]string{"set": key}
		err := call(client, http.MethodPost, r.configMaps(), created, nil)
		if retry && isConflict(err) {
			err = nil
		}
		return element, nil, err
	}}
}

func (r *recorder) list(key string) operation {
	return operation{listElements, key, "", func(client *http.Client, _ bool) (string, []string, error) {
		var found struct{ Items []configMap }
		address := r.configMaps() + "?labelSelector=" + url.QueryEscape("set="+key)
		err := call(client, http.MethodGet, address, nil, &found)
		elements := []string{}
		for _, item := range found.Items {
			elements = append(elements, item.Metadata.Name)
		}
		slices.Sort(elements)
		return "", elements, err
	}}
}

func (r *recorder) askForRegistration() operation {
	return operation{registration, "", "", func(client *http.Client, _ bool) (string, []string, error) {
		return "", nil, call(client, http.MethodGet, r.access.Registration+"/cacerts", nil, nil)
	}}
}

func (r *recorder) perform(client *http.Client, number int, operation operation) bool {
	id := int(r.numbers.Add(1))
	if r.try(client, attempt{Operation: id, Client: number}, operation) {
		return true
	}
	time.Sleep(retryDelay)
	return r.try(client, attempt{Operation: id, Client: number, Retry: true}, operation)
}

func (r *recorder) try(client *http.Client, made attempt, operation operation) bool {
	made.Kind, made.Key, made.Value = operation.kind, operation.key, operation.value
	made.Start = time.Since(r.began).Nanoseconds()
	value, values, err := operation.do(client, made.Retry || made.Final)
	made.End = time.Since(r.began).Nanoseconds()
	made.Outcome = outcomeOf(err)
	if err == nil {
		made.Value, made.Values = value, values
	} else {
		// Without the address, which is the same in each.
		made.Error = err.Error()[strings.LastIndex(err.Error(), "\": ")+1:]
		made.Holder = holderOf(r.access.Server)
	}
	r.mutex.Lock()
	r.attempts = append(r.attempts, made)
	r.mutex.Unlock()
	return err == nil
}

// readAll reads every register and every set once more, when nothing else happens any more.
func (r *recorder) readAll(client *http.Client) error {
	var operations []operation
	for number := range registers {
		operations = append(operations, r.read(fmt.Sprintf("register-%d", number)))
	}
	for set := range (r.added.Load() + setSize - 1) / setSize {
		operations = append(operations, r.list(fmt.Sprintf("set-%d", set)))
	}
	for _, operation := range operations {
		for end := time.Now().Add(finalPeriod); ; time.Sleep(retryDelay) {
			made := attempt{Operation: int(r.numbers.Add(1)), Client: clients + 1, Final: true}
			if r.try(client, made, operation) {
				break
			}
			if time.Now().After(end) {
				return fmt.Errorf("%s cannot be read %v after the last operation", operation.key, finalPeriod)
			}
		}
	}
	return nil
}

func (r *recorder) createObjects(client *http.Client) error {
	namespace := map[string]any{"metadata": map[string]string{"name": r.namespace}}
	if err := call(client, http.MethodPost, r.access.Server+"/api/v1/namespaces", namespace, nil); err != nil {
		return err
	}
	for number := range registers {
		var register configMap
		register.Metadata.Name = fmt.Sprintf("register-%d", number)
		register.Data = map[string]string{"value": initial}
		if err := call(client, http.MethodPost, r.configMaps(), register, nil); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) configMaps() string {
	return r.access.Server + "/api/v1/namespaces/" + r.namespace + "/configmaps"
}
