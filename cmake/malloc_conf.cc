// What jemalloc reads when a program starts (jemalloc(3), TUNING): threads of its own give memory back to the system.
// Otherwise only allocation does, and a service keeps what its last job used for as long as it has nothing to do.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
}
