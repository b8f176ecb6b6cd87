/* The least that a call from Python with three integers can cost: the baseline of row S8. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *take_three(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    long long sum = 0;
    if (nargs != 3) {
        PyErr_SetString(PyExc_TypeError, "three integers");
        return NULL;
    }
    for (int at = 0; at < 3; at++) {
        long long value = PyLong_AsLongLong(args[at]);
        if (value == -1 && PyErr_Occurred())
            return NULL;
        sum += value;
    }
    if (sum == -1)
        return PyLong_FromLongLong(sum);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"take_three", (PyCFunction)(void (*)(void))take_three, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fastcall", NULL, -1, methods};

PyMODINIT_FUNC PyInit_fastcall(void)
{
    return PyModule_Create(&module);
}
